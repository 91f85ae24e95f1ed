package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Strings that are values of other types in quotes.
var (
	plainBool    = regexp.MustCompile(`^(true|false)$`)
	plainInteger = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,18})$`)
	plainNumber  = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,18})?$`)
)

// typeHint suggests a value of the right type, if it is obvious.
func typeHint(value any, want string) string {
	switch v := value.(type) {
	case json.Number, bool:
		if want == "string" {
			return fmt.Sprintf("write %q", fmt.Sprint(v))
		}
	case string:
		text := strings.ToLower(strings.TrimSpace(v))
		form := map[string]*regexp.Regexp{"boolean": plainBool, "integer": plainInteger, "number": plainNumber}[want]
		if form != nil && form.MatchString(text) {
			return fmt.Sprintf("write %s, without quotes", text)
		}
	}
	return ""
}

var (
	usDate  = regexp.MustCompile(`^\d{1,2}/\d{1,2}/\d{4}$`)
	isoDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
)

// dateFault describes what is wrong with a date.
func dateFault(text string) fault {
	f := fault{rule: ruleDate, hint: "write it as 2024-02-19"}
	day, err := time.Parse("1/2/2006", text)
	switch {
	case isoDate.MatchString(text):
		f.text = fmt.Sprintf("is %s, a day that does not exist", quoted(text))
	case err == nil && usDate.MatchString(text):
		f.text = fmt.Sprintf("is %s, in US form", quoted(text))
		f.hint = "write " + day.Format(time.DateOnly)
	case strings.Count(text, "/") == 2:
		f.text = fmt.Sprintf("is %s, an impossible date in US form", quoted(text))
	default:
		f.text = fmt.Sprintf("is %s, which is not a date", quoted(text))
	}

	return f
}

// macPattern is the schema's pattern of MAC addresses.
const macPattern = `^[0-9a-f]{2}(:[0-9a-f]{2}){5}((:[0-9a-f]{2}){2})?$`

var macForm = regexp.MustCompile(macPattern)

// macFault describes what is wrong with a MAC address.
func macFault(text string) fault {
	f := fault{rule: ruleMAC, hint: "write it as 24:6e:96:7e:24:86"}
	trimmed := strings.TrimSpace(text)
	mac := strings.ReplaceAll(strings.ToLower(trimmed), "-", ":")
	isMAC := macForm.MatchString(mac)
	if isMAC {
		f.hint = "write " + quoted(mac)
	}

	switch {
	case trimmed == "":
		f.text = "is nothing but white space"
	case isMAC && trimmed != text:
		f.text = fmt.Sprintf("is %s, with white space around it", quoted(text))
	case isMAC:
		f.text = fmt.Sprintf("is %s, want it in lower case and with colons", quoted(text))
	default:
		f.text = fmt.Sprintf("is %s, which is not a MAC address", quoted(text))
	}

	return f
}
