// Package theme is the appearance that an operator gives a site: colors that can be read,
// and a logo that only shows something.
package theme

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Colors are the tokens of the style sheet that a site may set, each with a color for the
// light scheme and one for the dark. None leaves those of the style sheet.
type Colors struct {
	Accent   []string `json:"accent,omitempty"`    // links, focus, and the background of primary buttons
	AccentBg []string `json:"accent_bg,omitempty"` // background of what is chosen
	OnAccent []string `json:"on_accent,omitempty"` // text on primary buttons
}

// token is a color of the style sheet in both schemes.
type token struct {
	Name  string
	Value []string
}

// The colors of the style sheet that those of a site meet. A test compares them with it.
var (
	surface  = token{"surface", []string{"#fff", "#161b21"}}
	page     = token{"bg", []string{"#f5f6f8", "#0e1216"}}
	text     = token{"text", []string{"#15191e", "#e7ebf0"}}
	accent   = token{"accent", []string{"#0b57a4", "#86b9ff"}}
	accentBg = token{"accent-bg", []string{"#e6effa", "#182a41"}}
	onAccent = token{"on-accent", []string{"#fff", "#06203f"}}
)

// tokens returns those that a site may set, with its values.
func (c Colors) tokens() (own []token) {
	for _, t := range []token{
		{accent.Name, c.Accent}, {accentBg.Name, c.AccentBg}, {onAccent.Name, c.OnAccent},
	} {
		if len(t.Value) > 0 {
			own = append(own, t)
		}
	}
	return own
}

// minContrast is that of text with its background (WCAG 2.2, success criterion 1.4.3).
const minContrast = 4.5

var hexColor = regexp.MustCompile(`^#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$`)

// Check returns a token, as its key in the configuration, whose value is invalid or cannot
// be read on what it meets, and why; "" for none.
func (c Colors) Check() (key, why string) {
	used := map[string]token{}
	for _, t := range []token{surface, page, text, accent, accentBg, onAccent} {
		used[t.Name] = t
	}

	for _, t := range c.tokens() {
		key = strings.ReplaceAll(t.Name, "-", "_")
		if len(t.Value) != 2 {
			return key, `wants two colors, for the light scheme and the dark one, such as ["#0b57a4", "#86b9ff"]`
		}
		for _, value := range t.Value {
			if !hexColor.MatchString(value) {
				return key, fmt.Sprintf("%q is not a color such as #0b57a4", value)
			}
		}
		used[t.Name] = t
	}

	for _, pair := range [][2]string{
		{"accent", "surface"}, {"accent", "bg"}, {"accent", "accent-bg"}, {"text", "accent-bg"}, {"on-accent", "accent"},
	} {
		for i, scheme := range []string{"light", "dark"} {
			front, back := used[pair[0]], used[pair[1]]
			if ratio := contrast(front.Value[i], back.Value[i]); ratio < minContrast {
				return c.keyOf(pair), fmt.Sprintf("%s %s on %s %s has a contrast of %.2f in the %s scheme, less than %.1f",
					front.Name, front.Value[i], back.Name, back.Value[i], math.Floor(ratio*100)/100, scheme, minContrast)
			}
		}
	}

	return "", ""
}

// keyOf returns which of a pair the operator has set, the first if both.
func (c Colors) keyOf(pair [2]string) string {
	for _, name := range pair {
		for _, t := range c.tokens() {
			if t.Name == name {
				return strings.ReplaceAll(name, "-", "_")
			}
		}
	}
	return pair[0]
}

// contrast is the ratio of two colors (WCAG 2.2, contrast ratio), from 1 to 21.
func contrast(a, b string) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// luminance is the relative luminance of a color (WCAG 2.2), from 0 to 1.
func luminance(color string) (sum float64) {
	digits := color[1:]
	width := len(digits) / 3
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		channel := digits[i*width : (i+1)*width]
		if width == 1 {
			channel += channel
		}
		n, _ := strconv.ParseUint(channel, 16, 8) // hexColor has seen it

		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}

	return sum
}

// CSS is what follows the style sheet: the site's values of the tokens, "" for none.
func (c Colors) CSS() string {
	own := c.tokens()
	if len(own) == 0 {
		return ""
	}

	var out strings.Builder
	for i, format := range []string{":root { %s}\n", "@media (prefers-color-scheme: dark) { :root { %s} }\n"} {
		var values strings.Builder
		for _, t := range own {
			fmt.Fprintf(&values, "--%s: %s; ", t.Name, t.Value[i])
		}
		fmt.Fprintf(&out, format, values.String())
	}

	return out.String()
}
