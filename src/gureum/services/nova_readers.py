"""Which of nova's units read which options of nova.conf, so that a change restarts no other.

All of nova's units are given the same file. What stands here is read by the named units alone, as
nova's own code shows (tests/lab/test_nova_readers.py reads it); whatever does not stand here is
taken to be read by all of them. cpu_allocation_ratio and its like are missing on purpose: every unit
that loads an old compute host's record looks at them.
"""

from __future__ import annotations

from collections.abc import Mapping

COMPUTE = ("nova-compute",)
API = ("nova-api", "nova-metadata")

READ_ONLY_BY: Mapping[tuple[str, ...], tuple[str, ...]] = {
    COMPUTE: (
        "libvirt.*",
        "devices.*",
        "guestfs.*",
        "os_vif_ovs.*",
        "nova_sys_admin.*",
        "vif_plug_ovs_privileged.*",
        "privsep_osbrick.*",
        "spice.agent_enabled",
        "spice.server_*",
        "compute.consecutive_build_service_disable_threshold",
        "compute.cpu_dedicated_set",
        "compute.cpu_shared_set",
        "compute.image_type_exclude_list",
        "compute.live_migration_wait_for_vif_plug",
        "compute.max_concurrent_disk_ops",
        "compute.shutdown_retry_interval",
        "compute.vmdk_allowed_types",
        "DEFAULT.block_device_allocate_*",
        "DEFAULT.compute_driver",
        "DEFAULT.compute_monitors",
        "DEFAULT.config_drive_format",
        "DEFAULT.force_config_drive",
        "DEFAULT.force_raw_images",
        "DEFAULT.heal_instance_info_cache_interval",
        "DEFAULT.instance_build_timeout",
        "DEFAULT.instance_delete_interval",
        "DEFAULT.instances_path",
        "DEFAULT.live_migration_retry_count",
        "DEFAULT.maximum_instance_delete_attempts",
        "DEFAULT.mkisofs_cmd",
        "DEFAULT.network_allocate_retries",
        "DEFAULT.pointer_model",
        "DEFAULT.preallocate_images",
        "DEFAULT.reboot_timeout",
        "DEFAULT.reimage_timeout_per_gb",
        "DEFAULT.rescue_timeout",
        "DEFAULT.reserved_host_*",
        "DEFAULT.reserved_huge_pages",
        "DEFAULT.resize_confirm_window",
        "DEFAULT.resume_guests_state_on_host_boot",
        "DEFAULT.running_deleted_instance_*",
        "DEFAULT.shelved_offload_time",
        "DEFAULT.shelved_poll_interval",
        "DEFAULT.sync_power_state_interval",
        "DEFAULT.update_resources_interval",
        "DEFAULT.use_cow_images",
        "DEFAULT.vif_plugging_*",
        "DEFAULT.virt_mkfs",
        "DEFAULT.volume_usage_poll_interval",
    ),
    (*COMPUTE, "nova-novncproxy"): ("vnc.*",),
    ("nova-novncproxy",): ("console.*",),
    ("nova-scheduler",): (
        "metrics.*",
        "filter_scheduler.available_filters",
        "filter_scheduler.*_weight_multiplier",
        "filter_scheduler.host_subset_size",
        "filter_scheduler.isolated_*",
        "filter_scheduler.max_instances_per_host",
        "filter_scheduler.max_io_ops_per_host",
        "filter_scheduler.restrict_isolated_hosts_to_isolated_images",
        "filter_scheduler.shuffle_best_same_weighed_hosts",
        "scheduler.discover_hosts_in_cells_interval",
        "scheduler.enable_isolated_aggregate_filtering",
        "scheduler.limit_tenants_to_placement_aggregate",
        "scheduler.placement_aggregate_required_for_tenants",
        "scheduler.query_placement_*",
        "scheduler.workers",
    ),
    ("nova-conductor",): ("conductor.*", "DEFAULT.migrate_max_retries"),
    API: (
        "api.compute_link_prefix",
        "api.config_drive_skip_versions",
        "api.dhcp_domain",
        "api.enable_instance_password",
        "api.glance_link_prefix",
        "api.local_metadata_per_cell",
        "api.metadata_cache_expiration",
        "api.vendordata_*",
        "neutron.metadata_proxy_shared_secret",
        "neutron.service_metadata_proxy",
        "wsgi.*",
    ),
}
"""Units -> the options of nova.conf (`section.option`, with `*`) that no other unit of nova reads."""


def unread_by(unit: str) -> tuple[str, ...]:
    """Return the options of nova.conf that a unit of nova does not read."""
    return tuple(
        option
        for readers, options in READ_ONLY_BY.items()
        if unit not in readers
        for option in options
    )
