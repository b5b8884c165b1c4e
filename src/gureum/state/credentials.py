"""The administrator's openrc and clouds.yaml, 0600, beside the cloud's CA (R-CRED-1)."""

from __future__ import annotations

from gureum.state.folder import CloudFolder


def write_credentials(folder: CloudFolder, *, auth_url: str, region: str, password: str) -> None:
    """Write `openrc` and `clouds.yaml` of the user admin into the cloud's folder."""
    name = folder.name
    folder.write(
        folder.openrc,
        f"# Administrator of the cloud {name!r}. Load it with: . {folder.openrc}\n"
        "export OS_IDENTITY_API_VERSION=3\n"
        "export OS_AUTH_TYPE=password\n"
        f"export OS_AUTH_URL={auth_url}\n"
        f"export OS_REGION_NAME={region}\n"
        "export OS_USERNAME=admin\n"
        f"export OS_PASSWORD={password}\n"
        "export OS_PROJECT_NAME=admin\n"
        "export OS_USER_DOMAIN_ID=default\n"
        "export OS_PROJECT_DOMAIN_ID=default\n"
        f"export OS_CACERT={folder.ca}\n",
    )
    folder.write(
        folder.clouds_yaml,
        "clouds:\n"
        f"  {name}:\n"
        "    auth_type: password\n"
        "    auth:\n"
        f"      auth_url: {auth_url}\n"
        "      username: admin\n"
        f"      password: {password}\n"
        "      project_name: admin\n"
        "      user_domain_id: default\n"
        "      project_domain_id: default\n"
        f"    region_name: {region}\n"
        "    identity_api_version: 3\n"
        f"    cacert: {folder.ca}\n",
    )
