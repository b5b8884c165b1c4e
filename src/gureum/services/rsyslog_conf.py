"""rsyslog's configuration: which lines it takes, the form they get, and where they go.

A line goes one way. A program with a log file of its own is read from there; everything else from
the journal. Either becomes `TIME HOST UNIT PROCESS LEVEL TEXT` on the host that it comes from, is
written into the folders of a controller, and sent to the other controllers over RELP, whose
receiver says what has arrived.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gureum.services.context import CA_FILE
from gureum.services.declaration import LogForm
from gureum.services.log_lines import TIME_WIDTH

FOLDER = "/var/log/gureum"
"""Where a controller keeps the logs of all hosts."""
PEM = "/etc/gureum/host.pem"
PORT = 2514
OPENSTACK, SYSTEM = "openstack", "system"
CLASSES = (OPENSTACK, SYSTEM)
"""OpenStack's lines lie apart from those of everything else."""
CONTINUED = "+"
"""The level of a line of a log file that goes on with the one before it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A log file: of which unit, in which form; `path` may hold `*` where the unit has many."""

    path: str
    unit: str
    form: LogForm = LogForm.COMMON
    kind: str = SYSTEM


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """Everything that the configuration of one host depends on.

    `own_units` are OpenStack's, whose lines in the journal belong to OpenStack as well. `senders`
    tells whether other hosts send here, `receivers` maps the controllers to send to to addresses.
    """

    host: str
    address: str
    sources: Sequence[Source]
    own_units: Sequence[str]
    controller: bool
    alone: bool
    receivers: dict[str, str]
    outside: Sequence[str]

    @property
    def receives(self) -> bool:
        """Tell whether other hosts send their logs to this one."""
        return self.controller and not self.alone


def text(g: Gathering) -> str:
    """Return the text of /etc/rsyslog.conf."""
    parts = (
        _ground(g),
        _templates(g),
        *([_received(g)] if g.receives else []),
        _deliver(g),
        _files(g.sources),
        _journal(g.own_units),
    )
    return "\n".join(parts)


_SENDER = 'module(load="omrelp")\n'


def _ground(g: Gathering) -> str:
    return f"""\
# Written by gureum: how this host's logs come to the controllers.
global(
    workDirectory="/var/spool/rsyslog"
    localHostname="{g.host}"
    maxMessageSize="128k"
    net.enableDNS="off"
    parser.escapeControlCharacterTab="off"
)
# No queue in memory: what rsyslog has read is written or queued on disk before it reads on.
main_queue(queue.type="Direct")
module(load="imfile" mode="inotify")
module(load="imjournal" stateFile="journal" persistStateInterval="10" rateLimit.interval="0")
{"" if not g.receivers else _SENDER}"""


def _templates(g: Gathering) -> str:
    now = "%timegenerated:::date-rfc3339,date-utc%"
    said = "%timereported:::date-rfc3339,date-utc%"
    unit = "%syslogtag%"
    rest = TIME_WIDTH + 1
    ovs = r"^[^|]*\\|[^|]*\\|[^|]*\\|[^|]*\\|(.*)$"
    machine = r"%$!metadata!filename:R,ERE,1,BLANK:([^/]*)\\.log$--end%"
    forms = {
        "common": f"%msg:1:{TIME_WIDTH}% {g.host} {unit}%msg:{rest}:$%",
        "continued": f"{now} {g.host} {unit} - {CONTINUED} %msg%",
        "ovs": f"%msg:F,124:1% {g.host} {unit} - %msg:F,124:4% %msg:F,124:3%: "
        f"%msg:R,ERE,1,BLANK:{ovs}--end%",
        "machine": f"{now} {g.host} {unit} {machine} INFO %msg%",
        "machineContinued": f"{now} {g.host} {unit} {machine} {CONTINUED} %msg%",
        "level": "%syslogseverity-text:::uppercase%",
        "journal": f"{said} {g.host} %$.unit% %$.pid% %$.level% %$.text%",
        "kept": "%$.line%\\n",
        "sent": f"<134>1 {now} {g.host} gureum - %$.class% - %$.line%",
    }
    return "".join(
        f'template(name="{name}" type="string"\n    string="{form}")\n'
        for name, form in forms.items()
    )


def _received(g: Gathering) -> str:
    folder = f"{FOLDER}/hosts/%hostname:::secpath-replace%/%msgid:::secpath-replace%.log"
    return f"""\
module(load="imrelp" ruleset="received")
input(type="imrelp" address="{g.address}" port="{PORT}" maxDataSize="128k" keepAlive="on"
    tls="on" tls.caCert="{CA_FILE}" tls.myCert="{PEM}" tls.myPrivKey="{PEM}"
    tls.authMode="certvalid")
template(name="receivedLine" type="string" string="%msg%\\n")
template(name="receivedFile" type="string" string="{folder}")
template(name="receivedAll" type="string" string="{FOLDER}/all-%msgid:::secpath-replace%.log")
ruleset(name="received") {{
    action(type="omfile" dynaFile="receivedFile" template="receivedLine" {_MODES})
    action(type="omfile" dynaFile="receivedAll" template="receivedLine" {_MODES})
}}
"""


_MODES = (
    'fileOwner="root" fileGroup="adm" fileCreateMode="0640"\n'
    '        dirOwner="root" dirGroup="adm" dirCreateMode="0750"'
)


def _deliver(g: Gathering) -> str:
    return 'ruleset(name="deliver") {\n' + "".join(_destinations(g)) + "}\n"


def _destinations(g: Gathering) -> Iterator[str]:
    if g.controller:
        own = f"{FOLDER}/hosts/{g.host}"
        for kind in CLASSES:
            files = [f"{own}/{kind}.log", *([] if g.alone else [f"{FOLDER}/all-{kind}.log"])]
            written = "".join(
                f'        action(type="omfile" file="{path}" template="kept"\n        {_MODES})\n'
                for path in files
            )
            yield f'    if $.class == "{kind}" then {{\n{written}    }}\n'
    for name, address in g.receivers.items():
        yield f"""\
    action(type="omrelp" name="{name}" target="{address}" port="{PORT}" template="sent"
        # Each line is acknowledged before the next: what was on its way when a controller went
        # away is sent again.
        windowSize="1" timeout="10" conn.timeout="5"
        tls="on" tls.caCert="{CA_FILE}" tls.myCert="{PEM}" tls.myPrivKey="{PEM}"
        tls.authMode="name" tls.permittedPeer=["{name}"]
{_queue(f"to_{name}")})
"""
    for number, place in enumerate(g.outside, 1):
        host, _, port = place.rpartition(":")
        yield f"""\
    action(type="omfwd" name="outside{number}" target="{host}" port="{port}" protocol="tcp"
        TCP_Framing="octet-counted" template="sent"
{_queue(f"outside_{number}")})
"""


def _queue(name: str) -> str:
    """Return a queue that lies on disk, survives whatever ends rsyslog, and has a limit."""
    return (
        f'        queue.type="Disk" queue.filename="{name}" queue.size="10000000"\n'
        '        queue.maxDiskSpace="1g" queue.maxFileSize="16m" queue.checkpointInterval="1"\n'
        '        queue.dequeueBatchSize="1" queue.saveOnShutdown="on" queue.timeoutEnqueue="0"\n'
        '        queue.timeoutWorkerThreadShutdown="-1"\n'
        '        action.resumeRetryCount="-1" action.resumeInterval="2" action.resumeIntervalMax="10"'
    )


def _files(sources: Sequence[Source]) -> str:
    made = "".join(_input(source) for source in sources)
    rulesets = "".join(_ruleset(form, kind) for form, kind in _kinds(sources))
    return rulesets + made


def _kinds(sources: Sequence[Source]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((_form(s), s.kind) for s in sources))


def _form(source: Source) -> str:
    return "machine" if "*" in source.path else source.form.value


def _ruleset(form: str, kind: str) -> str:
    begins, goes_on = _BEGINS[form]
    return (
        f'ruleset(name="{form}_{kind}") {{\n    set $.class = "{kind}";\n'
        f'    if {begins} then {{ set $.line = exec_template("{form}"); }}\n'
        f'    else {{ set $.line = exec_template("{goes_on}"); }}\n'
        "    call deliver\n}\n"
    )


_BEGINS = {
    "common": ('re_match($msg, "^20[0-9-]{8}T")', "continued"),
    "ovs": ('$msg contains "|"', "continued"),
    "machine": ('$msg startswith "20"', "machineContinued"),
}
"""What the first line of a record looks like in each form, and the template of its other lines."""


def _input(source: Source) -> str:
    metadata = ' addMetadata="on"' if "*" in source.path else ""
    return (
        f'input(type="imfile" file="{source.path}" tag="{source.unit}" persistStateInterval="10"\n'
        f'    ruleset="{_form(source)}_{source.kind}"{metadata})\n'
    )


def _journal(own_units: Sequence[str]) -> str:
    owned = ", ".join(f'"{name}"' for name in own_units)
    own = f'if $.unit == [{owned}] then {{ set $.class = "{OPENSTACK}"; }}\n' if owned else ""
    return f"""\
# The journal. What systemd says about a unit is filed under that unit; Open vSwitch repeats there
# what stands in its files.
if $msg startswith "ovs|" then stop
set $.unit = $!_SYSTEMD_UNIT;
if $!UNIT != "" then {{ set $.unit = $!UNIT; }}
if $.unit == "" or $.unit contains ".scope" then {{ set $.unit = $!SYSLOG_IDENTIFIER; }}
if $.unit == "" then {{ set $.unit = $programname; }}
set $.unit = replace(replace($.unit, ".service", ""), " ", "_");
set $.pid = $!_PID;
if $.pid == "" then {{ set $.pid = "-"; }}
set $.text = $msg;
if $!SYSLOG_IDENTIFIER != $.unit and $!SYSLOG_IDENTIFIER != "" then {{
    set $.text = $!SYSLOG_IDENTIFIER & ": " & $msg;
}}
set $.text = replace($.text, "\\n", "#012");
set $.level = exec_template("level");
# What a program prints is "info" to the journal, however loud its own words are.
if $.level == "INFO" and $msg contains " [Warning] " then {{ set $.level = "WARNING"; }}
if $.level == "INFO" and $msg contains " [ERROR] " then {{ set $.level = "ERR"; }}
set $.class = "{SYSTEM}";
{own}set $.line = exec_template("journal");
call deliver
"""
