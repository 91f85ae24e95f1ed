package parity

// Rule is a number in the contract's list of deliberate differences.
type Rule int

// The deliberate differences that a comparison of answers can meet.
const (
	MissingParent Rule = iota + 1
	OtherVersion
	CollectionVersion
	Sorted
	UnknownNode
	Times
	OddPath
	_ // methods, headers and compression: not compared
	MoreReservations
	OwnType
)

// Reason says what differs, and why that is right.
func (r Rule) Reason() string { return reasons[r] }

// reasons has a sentence for each rule. docs/moving.md lists them.
var reasons = map[Rule]string{
	MissingParent: "What is below a resource that does not exist is 404. " +
		"The legacy service answered 200 with an empty list.",
	OtherVersion: "A version that did not touch the resource redirects, and what is no version is 404. " +
		"The legacy service answered with the newest version.",
	CollectionVersion: "Versions of collections exist. The legacy service linked to them, and answered 404.",
	Sorted: "Collections and searches are sorted by uid, and complete unless a limit is asked for. " +
		"The legacy service had the order of directories, and cut at 500.",
	UnknownNode: "A node that Blazar does not know is unknown. The legacy service said available.",
	Times: "Times without a zone are UTC, and a window must end after it starts. " +
		"The legacy service crashed, or searched in no time at all.",
	OddPath: "Encoded slashes, NUL, over-long names and invalid UTF-8 are refused. " +
		"The legacy service answered with another path, or crashed.",
	MoreReservations: "Reservations with times that have a zone or a space, and ids of another type, are read. " +
		"The legacy service dropped them.",
	OwnType: "Values keep the type and the text that they have in the file. " +
		"The legacy service converted them, or crashed.",
}
