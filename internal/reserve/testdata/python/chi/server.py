def get_flavor_id(name):
    return "id of " + name
