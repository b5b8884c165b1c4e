"""One cloud in hand: its input, folder, hosts and what they are to become."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gureum.diagnostics import Diagnostic
from gureum.drift.memory import KEY
from gureum.errors import ConfigError
from gureum.model.cloud import Cloud, Connection, Role
from gureum.model.load import LoadedCloud
from gureum.operate.branding import logo
from gureum.operate.existing_ceph import ceph_files
from gureum.operate.facts import host_facts
from gureum.operate.moving import moving_between
from gureum.services.context import Context, HostFacts, Moving
from gureum.services.declaration import Port
from gureum.services.policy import policy_path
from gureum.state.authority import Authority
from gureum.state.credentials import write_credentials
from gureum.state.folder import CloudFolder
from gureum.state.secrets import Secret, Secrets

if TYPE_CHECKING:
    from gureum.plan.build import HostBlueprint
    from gureum.releases import Release
    from gureum.steps.step import Step


@dataclass(frozen=True)
class Blueprint:
    """What every host is to become, and the secrets that went into it."""

    hosts: Mapping[str, HostBlueprint]
    contexts: Mapping[str, Context]
    secrets: Secrets

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all hosts."""
        return tuple(step for host in self.hosts.values() for step in host.steps)

    def ports(self, host: str) -> list[Port]:
        """Return what a host is to serve."""
        return [port for declared in self.hosts[host].declarations for port in declared.ports]

    def only(self, hosts: Collection[str]) -> Blueprint:
        """Return the same with nothing but `hosts` in it, to be looked at and not to be applied."""
        return replace(
            self,
            hosts={name: host for name, host in self.hosts.items() if name in hosts},
            contexts={name: c for name, c in self.contexts.items() if name in hosts},
        )

    def without(self, hosts: Collection[str]) -> Blueprint:
        """Return the same for the other hosts alone: none of their steps waits for `hosts`."""
        if not hosts:
            return self
        gone = frozenset(step.key for step in self.steps if step.host in hosts)
        rest = {
            name: replace(host, steps=tuple(_alone(step, gone) for step in host.steps))
            for name, host in self.hosts.items()
            if name not in hosts
        }
        return replace(self, hosts=rest)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What of the input is worth a second look; what several hosts share is said once."""
        return tuple(dict.fromkeys(d for host in self.hosts.values() for d in host.warnings))


def _alone(step: Step, gone: frozenset[str]) -> Step:
    return replace(step, needs=step.needs - gone, watches=step.watches - gone)


class Deployment:
    """Joins a cloud's input with its folder; knows how to blueprint it from facts."""

    def __init__(self, loaded: LoadedCloud, folder: CloudFolder) -> None:
        self.loaded = loaded
        self.folder = folder

    @property
    def cloud(self) -> Cloud:
        """The cloud as its operator describes it."""
        return self.loaded.cloud

    @property
    def in_lab(self) -> bool:
        """Whether gureum makes the hosts itself."""
        return any(h.connection is Connection.LAB for h in self.cloud.hosts.values())

    def blueprint(
        self,
        addresses: Mapping[str, str],
        raw: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        absent: Collection[str] = (),
    ) -> Blueprint:
        """Return what every host is to become, the absent ones too: nothing waits for these.

        Without facts the result is good for its INSTALL steps only, which depend on none. Raises
        ConfigError for options that do not hold together, HostError for hosts that cannot serve.
        """
        from gureum.config.overrides import operator_options
        from gureum.plan.build import build
        from gureum.policy.check import check as check_policy
        from gureum.releases import load_release
        from gureum.services import declarations

        release = load_release(self.cloud.release)
        found = check_policy(self.cloud, release, self.loaded.locate)
        secrets = self.folder.make().secrets()
        authority = Authority(self.folder)
        contexts: dict[str, Context] = {}
        hosts: dict[str, HostBlueprint] = {}
        facts = {
            name: host_facts(self.cloud, name, raw[name]) if raw else HostFacts()
            for name in self.cloud.hosts
        }
        switches = [
            facts[name]
            for name, host in self.cloud.hosts.items()
            if {Role.NETWORK, Role.COMPUTE} & set(host.roles)
        ]
        provider_mtu = min(
            (
                facts[name].provider_mtu
                for name, host in self.cloud.hosts.items()
                if facts[name].provider_nic or host.routes_provider
            ),
            default=1500,
        )
        ceph = ceph_files(self.loaded)
        picture = logo(self.loaded)
        moving = moving_between(self.cloud, authority, secrets, addresses)
        for name in self.cloud.hosts:
            names = {name, "localhost", "127.0.0.1", addresses[name]}
            if self.cloud.endpoints.name:
                names.add(self.cloud.endpoints.name)
            contexts[name] = Context(
                cloud=self.cloud,
                host=name,
                facts=facts[name],
                secrets=secrets,
                release=release,
                addresses=addresses,
                tunnel_addresses={
                    n: f.tunnel_address.partition("/")[0]
                    for n, f in facts.items()
                    if f.tunnel_address
                },
                absent=frozenset(absent),
                path_mtu=min(one.tunnel_mtu for one in switches),
                provider_mtu=provider_mtu,
                ca=authority.pem,
                certificate_bundle=Secret(authority.certificate(name, names).bundle),
                moving=moving.get(name, Moving()),
                ceph_files=ceph,
                logo=picture,
            )
        declared = {name: declarations(context) for name, context in contexts.items()}
        files = {
            name: {f.name for d in all_ for f in d.config_files} for name, all_ in declared.items()
        }
        every = set().union(*files.values())
        for name, context in contexts.items():
            operator = operator_options(self.cloud, name, self.loaded.locate, every - files[name])
            hosts[name] = build(context, operator, found, declared[name])
        self._check_policy(hosts.values(), release)
        return Blueprint(hosts, contexts, secrets)

    def _check_policy(self, hosts: Iterable[HostBlueprint], release: Release) -> None:
        """Raise ConfigError for policy of a service that no host of this cloud runs."""
        from gureum.policy.check import check

        files = {(d.service, f.path) for h in hosts for d in h.declarations for f in d.files}
        deployed = {service for service, path in files if path == policy_path(service)}
        if set(self.cloud.policy) - deployed:
            found = check(self.cloud, release, self.loaded.locate, deployed)
            raise ConfigError("the policy does not hold together", found)

    def check_options(self) -> Blueprint:
        """Return a blueprint from no facts, good for its INSTALL steps; no host is asked.

        Raises ConfigError for every option that does not hold together, the operator's included.
        """
        return self.blueprint(dict.fromkeys(self.cloud.hosts, "127.0.0.1"))

    def keep(self, blueprint: Blueprint) -> None:
        """Save secrets and write the administrator's credentials, before a host is touched."""
        blueprint.secrets.password(KEY)
        blueprint.secrets.save()
        context = next(iter(blueprint.contexts.values()))
        write_credentials(
            self.folder,
            auth_url=context.api(5000, "/v3"),
            region=self.cloud.region,
            password=blueprint.secrets.password("keystone.admin").reveal(),
        )
