"""Every command of gureum, in the order that `--help` lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A command: its name, where it is, and its line in `--help`.

    `attribute` of `module` is a function, or a Typer app for a command with commands of its own.
    Modules are imported when their command runs, for all of them together would cost a second.
    `forwards` marks a command whose arguments, from the first that is no option of its own, belong
    to another program.
    """

    name: str
    module: str
    attribute: str
    help: str
    forwards: bool = False


COMMANDS = (
    Entry("up", "gureum.cli.up", "up", "Build a cloud and prove that it works: one command."),
    Entry("init", "gureum.cli.init", "init", "Write a commented cloud.yaml to start from."),
    Entry("plan", "gureum.cli.plan", "plan", "Say what apply would change, as diffs."),
    Entry("apply", "gureum.cli.apply", "apply", "Bring the hosts into the wanted state."),
    Entry("verify", "gureum.cli.verify", "verify", "Check the cloud, down to a VM that answers."),
    Entry(
        "tempest", "gureum.cli.tempest", "tempest", "Run OpenStack's own tests against the cloud."
    ),
    Entry("status", "gureum.cli.status", "status", "Show what runs, what does not, and memory."),
    Entry(
        "service",
        "gureum.cli.service",
        "app",
        "Look at, start, stop and restart services, over all hosts.",
    ),
    Entry("host", "gureum.cli.host", "app", "Add, look at, check and remove hosts."),
    Entry(
        "logs", "gureum.cli.logs", "logs", "Show logs of all hosts, and a request's way through."
    ),
    Entry("report", "gureum.cli.report", "report", "Write one HTML file about the whole cloud."),
    Entry("endpoints", "gureum.cli.endpoints", "endpoints", "Show services, endpoints and roles."),
    Entry("explain", "gureum.cli.explain", "explain", "Say why anything is as it is, by any name."),
    Entry("config", "gureum.cli.config", "app", "Show config files, hand edits, and adopt them."),
    Entry("policy", "gureum.cli.policy", "app", "Say who may do what, and what a user is told."),
    Entry(
        "openstack",
        "gureum.cli.openstack",
        "openstack",
        "Run the OpenStack client as the cloud's admin.",
        forwards=True,
    ),
    Entry("open", "gureum.cli.open", "open_page", "Say where the dashboard or RabbitMQ's page is."),
    Entry("console", "gureum.cli.console", "console", "Print the address of a VM's console."),
    Entry("ssh", "gureum.cli.ssh", "ssh", "Open a shell on a host.", forwards=True),
    Entry("down", "gureum.cli.down", "down", "Remove a cloud and all that gureum made for it."),
    Entry("lab", "gureum.cli.lab", "app", "Make, list, snapshot and remove hosts on this machine."),
    Entry(
        "bundle",
        "gureum.cli.bundle",
        "app",
        "Gather and serve what a cloud without internet needs.",
    ),
    Entry("image", "gureum.cli.image", "app", "Build the tiny guest image."),
    Entry("release", "gureum.cli.release", "app", "For maintainers: renew locks and schemas."),
    Entry("schema", "gureum.cli.schema", "schema", "Print the JSON schema of cloud.yaml."),
)
