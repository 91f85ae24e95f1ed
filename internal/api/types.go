package api

import (
	"strconv"
	"time"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// A Link points to a resource.
type Link struct {
	// Relation of the target.
	Rel LinkRelation `json:"rel"`
	// URL of the resource: root-relative, or absolute if the server is configured
	// so, without suffix and query.
	//
	//schema:format "uri-reference"
	//schema:pattern "^(https?://[^/?#]+)?/([^/?#]+/)*[^/?#]*$"
	//schema:examples ["/sites/uc"]
	Href string `json:"href"`
}

// LinkRelation is the relation of a link's target to the resource.
type LinkRelation string

// The relations of links.
const (
	RelSelf     LinkRelation = "self"
	RelParent   LinkRelation = "parent"
	RelSites    LinkRelation = "sites"
	RelClusters LinkRelation = "clusters"
	RelNodes    LinkRelation = "nodes"
	RelFlavors  LinkRelation = "flavors"
	RelVersions LinkRelation = "versions"
	RelVersion  LinkRelation = "version"

	// To the history of the other end of a move.
	RelMovedFrom  LinkRelation = "moved_from"
	RelMovedTo    LinkRelation = "moved_to"
	RelReplaces   LinkRelation = "replaces"
	RelReplacedBy LinkRelation = "replaced_by"
)

// CollectionLinks are self and parent.
//
//schema:minItems 2
//schema:examples [[{"rel":"self","href":"/sites"},{"rel":"parent","href":"/"}]]
type CollectionLinks = []Link

// UID is the name of a resource, as in its URL.
//
//schema:minLength 1
//schema:maxLength 200
//schema:pattern "^[^/\\\\%?#]+$"
//schema:examples ["uc"]
type UID = string

// SHA is the full hash of a commit (SHA-1, hexadecimal).
//
//schema:pattern "^[0-9a-f]{40}$"
//schema:examples ["5da059049fb24a6d76435e52538ee1cb47a0545f"]
type SHA = string

// Total is the number of all items, in this slice and beyond it.
//
//schema:minimum 0
type Total = int

// Offset is the number of items before the first of `items`.
//
//schema:minimum 0
type Offset = int

// Values as they are in a file, or null where the file lacks them.
type (
	//schema:type string or null
	fileText = rawjson.Value
	//schema:type number or null
	//schema:format "double"
	fileNumber = rawjson.Value
	//schema:type integer or null
	//schema:format "int64"
	fileInteger = rawjson.Value
	//schema:type object or null
	fileObject = rawjson.Value
)

// Date is a time in the format of HTTP (RFC 9110, section 5.6.7), to the second.
//
//schema:pattern "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT$"
//schema:examples ["Fri, 26 Jun 2026 20:45:12 GMT"]
type Date string

// NewDate writes a time as a Date.
func NewDate(t time.Time) Date { return Date(t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")) }

// Timestamp is a time in seconds since 1970-01-01 UTC, as a string.
//
//schema:pattern "^-?[0-9]+$"
//schema:examples ["1782506712"]
type Timestamp string

// NewTimestamp writes a time as a Timestamp.
func NewTimestamp(t time.Time) Timestamp { return Timestamp(strconv.FormatInt(t.Unix(), 10)) }

// Time is a time in UTC (RFC 3339), with microseconds unless they
// are zero.
//
//schema:format "date-time"
//schema:pattern "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?Z$"
//schema:examples ["2026-11-21T09:00:00Z"]
type Time string

// NewTime writes a time as a Time.
func NewTime(t time.Time) Time { return Time(AppendTime(nil, t)) }

// OffsetTime is a Time with the offset `+00:00` in place of the Z, as in
// `2026-11-21T09:00:00.123456+00:00`.
//
//schema:format "date-time"
//schema:pattern "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?[+]00:00$"
//schema:examples ["2026-11-21T09:00:00.123456+00:00"]
type OffsetTime string

// NewOffsetTime writes a time as an OffsetTime.
func NewOffsetTime(t time.Time) OffsetTime { return OffsetTime(appendTime(nil, t, "+00:00")) }

// LocalTime is a time in UTC without a zone, as in `2026-07-27T15:19:00`.
//
//schema:pattern "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?$"
//schema:examples ["2026-07-27T15:19:00"]
type LocalTime string

// NewLocalTime writes a time as a LocalTime.
func NewLocalTime(t time.Time) LocalTime { return LocalTime(appendTime(nil, t, "")) }

// AppendTime appends a time as a [Time].
func AppendTime(dst []byte, t time.Time) []byte { return appendTime(dst, t, "Z") }

// appendTime appends a time in UTC: with microseconds unless they are zero, and
// with a suffix for the zone. It is written out because a search would spend most
// of its time in the more general time.Time.AppendFormat.
func appendTime(dst []byte, t time.Time, zone string) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = append(appendDigits(dst, year, 4), '-')
	dst = append(appendDigits(dst, int(month), 2), '-')
	dst = append(appendDigits(dst, day, 2), 'T')
	dst = append(appendDigits(dst, hour, 2), ':')
	dst = append(appendDigits(dst, minute, 2), ':')
	dst = appendDigits(dst, second, 2)

	if micro := t.Nanosecond() / 1000; micro != 0 {
		dst = appendDigits(append(dst, '.'), micro, 6)
	}

	return append(dst, zone...)
}

// appendDigits appends a number with leading zeros.
func appendDigits(dst []byte, n, width int) []byte {
	var text [20]byte
	i := len(text)
	for ; n > 0 || len(text)-i < width; n /= 10 {
		i--
		text[i] = byte('0' + n%10)
	}
	return append(dst, text[i:]...)
}
