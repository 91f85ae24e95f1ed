from . import asked


def use_site(site_name):
    asked.append({"site": site_name})
