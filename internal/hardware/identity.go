package hardware

import (
	"cmp"
	"crypto/sha256"
	"fmt"
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

// IsHardware reports whether a member at a path in a node's file describes what the
// machine is made of, or tells one of its parts from another that may replace it.
func IsHardware(path []string) bool {
	top, last := path[0], path[len(path)-1]
	isIdentity := slices.Contains([]string{"serial", "serial_number", "wwn", "guid", "uuid", "mac"}, last)
	return !slices.Contains(notHardware, top) && (isIdentity || isOfDevice(top, last))
}

// IsFirmware reports whether a member at a path describes firmware.
func IsFirmware(path []string) bool {
	top, last := path[0], path[len(path)-1]
	return top == "bios" || top == "bmc_version" ||
		slices.Contains([]string{"rev", "firmware", "firmware_version", "vbios_version"}, last)
}

// Part is the digest of a member of a node's file.
type Part struct {
	Member string
	Digest [sha256.Size]byte
}

// Hardware digests a node's file, part by part, in the order of their names.
func (n *Node) Hardware() (Hardware, []Part) {
	var parts []Part
	for _, m := range n.Values().Members {
		if slices.Contains(notHardware, m.Name) {
			continue
		}

		v := m.Value
		if devices := v.devices(); devices != nil {
			v = Value{Kind: Array, Elements: devices}
		}
		if text := hardwareText(m.Name, v); text != "" {
			parts = append(parts, Part{m.Name, sha256.Sum256([]byte(text))})
		}
	}

	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.Member, b.Member) })

	sum := sha256.New()
	for _, p := range parts {
		sum.Write([]byte(p.Member))
		sum.Write(p.Digest[:])
	}

	return Hardware(sum.Sum(nil)), parts
}

// hardwareText returns a canonical text of a value, so that equal hardware has
// equal texts: members sorted by name, devices sorted by their text, strings in
// lower case and trimmed, numbers by value. A single device equals a list of one.
// Null, empty, false, 0, and objects and arrays of only these, count as missing:
// their text is "".
func hardwareText(top string, v Value) string {
	var parts []string
	switch {
	case v.Kind == Object:
		for _, m := range v.Members {
			if text := hardwareText(top, m.Value); text != "" && isOfDevice(top, m.Name) {
				parts = append(parts, strconv.Quote(m.Name)+":"+text)
			}
		}

	case v.Kind == Array:
		for _, e := range v.Elements {
			if text := hardwareText(top, e); text != "" {
				parts = append(parts, text)
			}
		}

	case v.String() == "" || v.Kind == Plain && !v.True():
		return ""
	default:
		if f, err := strconv.ParseFloat(v.Text, 64); v.Kind == Plain && err == nil {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
		return strconv.Quote(strings.ToLower(v.String()))
	}

	if parts == nil {
		return ""
	}
	slices.Sort(parts)
	return fmt.Sprintf("%d(%s)", v.Kind, strings.Join(parts, ","))
}
