package hardware

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
)

// Hardware is a digest of a machine's hardware, without what is individual to one
// node: names, serial numbers, addresses, firmware and positions. Nodes with equal
// digests have the same hardware.
type Hardware [sha256.Size]byte

// notHardware has the members of a node's file that do not describe hardware.
var notHardware = []string{
	"uid", "type", "node_name", "node_type", "admin_note", "lease_mode", "node_mode", "nodeset", "created_at",
	"placement", "pdu", "kavlan", "kavlan6", "bios", "bmc_version", "boot_mode", "boot_type",
	"monitoring", "management_tools", "redfish", "operating_system", "software", "supported_job_types",
	"links", "version",
}

// notOfDevices has the members of devices that identify one device or describe its
// configuration. Members with the prefix humanized_ repeat a number.
var notOfDevices = []string{
	"uid", "id", "device", "serial", "serial_number", "wwn", "guid", "uuid", "asset_tag", "by_id", "by_path",
	"mac", "ip", "ip6", "netmask", "network_address", "switch", "switch_port", "port", "slot", "node", "rack",
	"rev", "firmware", "firmware_version", "vbios_version", "driver", "cpu_affinity",
	"kavlan", "bridged", "mounted", "mountable", "management", "enabled", "reservation",
	"manufactured_at", "warranty_end", "release_date",
}

// isOfDevice reports whether a member of a device describes hardware. The operating
// system names network adapters and disks, but the name of a chassis is its model.
func isOfDevice(top, name string) bool {
	switch {
	case slices.Contains(notOfDevices, name), strings.HasPrefix(name, "humanized_"):
		return false
	case name == "name":
		return top != "network_adapters" && top != "storage_devices"
	}
	return true
}

// Part is the digest of a member of a node's file.
type Part struct {
	Member string
	Digest [sha256.Size]byte
}

// Hardware digests a node's file, part by part, in the order of their names.
func (n *Node) Hardware() (Hardware, []Part) {
	var parts []Part
	for _, m := range n.Values.Members {
		if slices.Contains(notHardware, m.Name) || !m.Value.describesHardware(m.Name) {
			continue
		}

		value := m.Value
		if devices := value.devices(); devices != nil {
			value = Value{Kind: Array, Elements: devices}
		}

		text := appendHardware(nil, m.Name, value)
		parts = append(parts, Part{m.Name, sha256.Sum256(text)})
	}

	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.Member, b.Member) })

	sum := sha256.New()
	for _, p := range parts {
		sum.Write([]byte(p.Member))
		sum.Write(p.Digest[:])
	}

	return Hardware(sum.Sum(nil)), parts
}

// describesHardware reports whether a value describes any hardware. Null, empty, false, 0, and
// objects and arrays of only these, count as missing.
func (v Value) describesHardware(top string) bool {
	switch v.Kind {
	case None:
		return false
	case Object:
		return slices.ContainsFunc(v.Members,
			func(m Member) bool { return isOfDevice(top, m.Name) && m.Value.describesHardware(top) })
	case Array:
		return slices.ContainsFunc(v.Elements, func(e Value) bool { return e.describesHardware(top) })
	}

	if v.Kind == Plain {
		return v.True()
	}
	return v.String() != ""
}

// appendHardware appends a canonical text of a value, so that equal hardware has
// equal texts: members sorted by name, devices sorted by their text, strings in
// lower case and trimmed, numbers by value. A single device equals a list of one.
func appendHardware(to []byte, top string, v Value) []byte {
	switch v.Kind {
	case Object:
		members := slices.SortedFunc(slices.Values(v.Members),
			func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
		to = append(to, '{')
		for _, m := range members {
			if isOfDevice(top, m.Name) && m.Value.describesHardware(top) {
				to = append(strconv.AppendQuote(to, m.Name), ':')
				to = append(appendHardware(to, top, m.Value), ',')
			}
		}

		return append(to, '}')

	case Array:
		var elements []string
		for _, e := range v.Elements {
			if e.describesHardware(top) {
				elements = append(elements, string(appendHardware(nil, top, e)))
			}
		}
		slices.Sort(elements)
		return append(append(append(to, '['), strings.Join(elements, ",")...), ']')
	}

	if f, err := strconv.ParseFloat(v.Text, 64); v.Kind == Plain && err == nil {
		return strconv.AppendFloat(to, f, 'g', -1, 64)
	}
	return strconv.AppendQuote(to, strings.ToLower(v.String()))
}
