"""What openstacksdk makes of entries of clouds.yaml.

Reads a JSON object of directories by name, each with clouds.yaml and perhaps
secure.yaml and clouds-public.yaml, whose entry is called chi. Prints a JSON
object of what it would ask, by the same names.
"""
import json
import logging
import os
import sys
import warnings

from openstack.config import loader

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def read(directory):
    def file(stem):
        return [os.path.join(directory, "openstack", stem + ".yaml")]

    config = loader.OpenStackConfig(
        config_files=file("clouds"), secure_files=file("secure"), vendor_files=file("clouds-public"), load_envvars=False)
    region = config.get_one("chi")
    verify, cert = region.get_requests_verify_args()
    interface = region.get_interface("compute")
    said = {
        "verify": verify is not False,
        "ca": verify if isinstance(verify, str) else "",
        "cert": bool(cert),
        "timeout": float(region.config["api_timeout"] or 0),
        "compute": {
            "region": region.get_region_name("compute") or "",
            "interfaces": interface if isinstance(interface, list) else [interface],
            "override": region.get_endpoint("compute") or "",
        },
    }
    region.get_session().verify = False
    region.get_session().cert = None
    region.get_session().get_token()  # the server keeps what it is asked
    said["url"] = region.get_session_endpoint("reservation") or ""
    return said


result = {}
for name, directory in json.load(sys.stdin).items():
    try:
        result[name] = read(directory)
    except Exception as error:  # whatever it is, it is a refusal
        result[name] = {"error": f"{type(error).__name__}: {error}"}
json.dump(result, sys.stdout)
