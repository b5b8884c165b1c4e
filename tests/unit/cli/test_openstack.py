"""The OpenStack client is led to the cloud, whatever the shell was set up for."""

from __future__ import annotations

from pathlib import Path

from gureum.cli.openstack import client_environment
from gureum.state.folder import CloudFolder


def test_another_clouds_settings_and_the_internets_stay_outside(tmp_path: Path) -> None:
    """R-CRED-1: credentials come from the cloud's folder, TLS leads to its own authority."""
    folder = CloudFolder("c", tmp_path)
    shell = {
        "PATH": "/bin", "OS_PASSWORD": "another", "REQUESTS_CA_BUNDLE": "/a", "SSL_CERT_FILE": "/b",
        "CURL_CA_BUNDLE": "/c", "https_proxy": "http://192.0.2.1", "HTTPS_PROXY": "http://192.0.2.1",
    }  # fmt: skip
    assert client_environment(shell, folder) == {
        "PATH": "/bin",
        "OS_CLIENT_CONFIG_FILE": str(folder.clouds_yaml),
        "OS_CLOUD": "c",
    }
