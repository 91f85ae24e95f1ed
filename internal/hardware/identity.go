package hardware

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
)

// Hardware is a digest of what a file says about the machine, without what is of
// one node alone: names, serial numbers, addresses, firmware and places. Nodes
// with equal digests have the same hardware.
type Hardware [sha256.Size]byte

// notHardware are members of a node's file that are not about its hardware.
var notHardware = []string{
	"uid", "type", "node_name", "node_type", "admin_note", "lease_mode", "node_mode", "nodeset", "created_at",
	"placement", "pdu", "kavlan", "kavlan6", "bios", "bmc_version", "boot_mode", "boot_type",
	"monitoring", "management_tools", "redfish", "operating_system", "software", "supported_job_types",
	"links", "version",
}

// notOfDevices are members of devices that are of one device alone, that name it,
// or that say how it is set up. Names of units repeat what the number says.
var notOfDevices = []string{
	"uid", "id", "device", "serial", "serial_number", "wwn", "guid", "uuid", "asset_tag", "by_id", "by_path",
	"mac", "ip", "ip6", "netmask", "network_address", "switch", "switch_port", "port", "slot", "node", "rack",
	"rev", "firmware", "firmware_version", "vbios_version", "driver", "cpu_affinity",
	"kavlan", "bridged", "mounted", "mountable", "management", "enabled", "reservation",
	"manufactured_at", "warranty_end", "release_date",
}

// isOfDevice reports whether a member of a device tells hardware. The name of a
// network adapter or of a disk is the system's; that of a chassis is its model.
func isOfDevice(top, name string) bool {
	switch {
	case slices.Contains(notOfDevices, name), strings.HasPrefix(name, "humanized_"):
		return false
	case name == "name":
		return top != "network_adapters" && top != "storage_devices"
	}
	return true
}

// Part is what a member of a node's file says about the hardware, as a digest.
type Part struct {
	Member string
	Digest [sha256.Size]byte
}

// Hardware digests a node's file, part by part, in the order of their names.
func (n *Node) Hardware() (Hardware, []Part) {
	var parts []Part
	for _, m := range n.Values.Members {
		if slices.Contains(notHardware, m.Name) || !m.Value.says(m.Name) {
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

// says reports whether a value says anything of hardware: what is null, empty,
// false or 0, and what has only such members, is as if it were missing.
func (v Value) says(top string) bool {
	switch v.Kind {
	case None:
		return false
	case Object:
		return slices.ContainsFunc(v.Members,
			func(m Member) bool { return isOfDevice(top, m.Name) && m.Value.says(top) })
	case Array:
		return slices.ContainsFunc(v.Elements, func(e Value) bool { return e.says(top) })
	}

	if v.Kind == Plain {
		return v.True()
	}
	return v.String() != ""
}

// appendHardware writes a value so that equal hardware has equal texts: members
// by their names, devices in any order, texts without case and blanks, numbers
// by their value. One device is written as a list of one is.
func appendHardware(to []byte, top string, v Value) []byte {
	switch v.Kind {
	case Object:
		members := slices.SortedFunc(slices.Values(v.Members),
			func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
		to = append(to, '{')
		for _, m := range members {
			if isOfDevice(top, m.Name) && m.Value.says(top) {
				to = append(strconv.AppendQuote(to, m.Name), ':')
				to = append(appendHardware(to, top, m.Value), ',')
			}
		}

		return append(to, '}')

	case Array:
		var elements []string
		for _, e := range v.Elements {
			if e.says(top) {
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
