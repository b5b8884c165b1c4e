"""What the Debian guest is made of: packages and files, as data."""

from __future__ import annotations

CODENAME = "trixie"
VERSION = "13"
USER = "debian"
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "systemd-resolved",
    "systemd-timesyncd",
    "libpam-systemd",
    "dbus",
    "udev",
    "openssh-server",
    "cloud-init",
    "cloud-guest-utils",
    "linux-image-cloud-amd64",
    "initramfs-tools",
    "grub-cloud-amd64",
    "qemu-guest-agent",
    "ca-certificates",
    "e2fsprogs",
    "fdisk",
    "iproute2",
    "iputils-ping",
    "kmod",
    "less",
    "netbase",
    "procps",
    "sudo",
    "zstd",
)
DPKG = """\
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
"""
"""What dpkg leaves out while the image is made; what a guest installs later comes whole."""
KERNEL_ARGUMENTS = (
    # The last console is /dev/console: the serial one, which nova keeps as the console log.
    "console=tty0 console=ttyS0,115200n8 "
    # Emulation on a busy host fails the timer check, and the kernel panics.
    "no_timer_check"
)
# No mirrors stand here: cloud-init writes Debian's own at the first boot, or those of the user data.
FILES = {
    "/etc/cloud/cloud.cfg.d/10-gureum.cfg": """\
# The places where OpenStack tells a VM of itself. None ends the search where there is none.
datasource_list: [ConfigDrive, OpenStack, NoCloud, None]
# An RSA key takes an emulated processor half a minute.
ssh_genkeytypes: [ed25519, ecdsa]
# Debian's own setting keeps what apt finds, and here it finds nothing: mirrors are written at the first boot.
apt: {preserve_sources_list: false}
""",
    "/etc/default/grub": f"""\
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX="{KERNEL_ARGUMENTS}"
GRUB_TERMINAL="console serial"
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
""",
    # The package installs GRUB anew with each update of it only where this file is.
    "/etc/grub.d/enable_cloud": "",
    "/etc/machine-id": "",
    "/etc/hostname": "localhost\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
}
ENABLED = ("systemd-networkd.service", "systemd-networkd.socket")
GRUB_CFG = """\
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=0
menuentry Debian {{
    search --no-floppy --fs-uuid --set=root {uuid}
    linux /vmlinuz root=UUID={uuid} ro {arguments}
    initrd /initrd.img
}}
"""
"""The first boot's menu. The guest's own update-grub writes it anew with each kernel."""
EARLY_CFG = "search.fs_uuid {uuid} root\nset prefix=($root)/boot/grub\n"
FSTAB = (
    "UUID={uuid} / ext4 rw,discard,errors=remount-ro 0 1\n"
    # Mounted when something looks there, which is GRUB at its updates: no boot waits for it.
    "UUID={esp} /boot/efi vfat umask=0077,noauto,x-systemd.automount 0 2\n"
)
