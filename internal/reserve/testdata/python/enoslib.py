"""Stands in for EnOSlib. What its provider would use is noted in asked.

Settings, machines and their signatures are those of
https://github.com/BeyondTheClouds/enoslib: enoslib/infra/configuration.py (commit 721df21),
enos_openstack/configuration.py (46d01b8), enos_chameleonbaremetal/configuration.py (6893653)
and enos_chameleonkvm/schema.py (e39da62).
"""

asked = []


class Machine:
    def __init__(self, *, roles=None, flavour=None, number=None):
        if not isinstance(roles, list) or not isinstance(flavour, str) or not isinstance(number, int):
            raise TypeError("the schema refuses this machine")
        self.body = {"roles": roles, "flavour": flavour, "number": number}


class CBMConf:
    settings = (
        "key_name image user rc_file allocation_pool configure_network dns_nameservers gateway gateway_user "
        "network subnet prefix lease_name walltime extra_ips"
    ).split()

    @classmethod
    def from_settings(cls, **kwargs):
        # EnOSlib takes any name, and has no use for one that it does not know.
        if unknown := set(kwargs) - set(cls.settings):
            raise TypeError(f"no settings of EnOSlib: {unknown}")
        self = cls()
        self.body = {**kwargs, "machines": []}
        return self

    def add_machine(self, *args, **kwargs):
        self.body["machines"].append(Machine(**kwargs).body)
        return self

    def finalize(self):
        if not isinstance(self.body["key_name"], str):
            raise TypeError("the schema wants the name of a key")
        hours, minutes, seconds = map(int, self.body["walltime"].split(":"))
        self.body["seconds"] = hours * 3600 + minutes * 60 + seconds
        return self


class CBM:
    def __init__(self, provider_conf):
        self.provider_conf = provider_conf

    def init(self, force_deploy=False, start_time=None, **kwargs):
        asked.append(self.provider_conf.body)
        return {}, {}
