package api

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// NewBodyFault returns a fault at a place in the body: the names of members and
// the indexes of elements on the way to it.
func NewBodyFault(kind FaultType, msg string, loc ...string) Fault {
	return Fault{Type: kind, Loc: append([]string{"body"}, loc...), Msg: msg}
}

// maxInput is how many bytes of a wrong value are repeated.
const maxInput = 200

// DecodeBody decodes the body of a request, or returns what is wrong with it, and
// where. Unlike json/v2 it refuses null, which no schema of a request has.
func DecodeBody(body []byte, into any) *Fault {
	fault := func(kind FaultType, msg string, at jsontext.Pointer) *Fault {
		f := NewBodyFault(kind, msg, slices.Collect(at.Tokens())...)
		input := valueAt(body, at)
		f.Input = strings.ToValidUTF8(string(input[:min(len(input), maxInput)]), "\uFFFD")
		return &f
	}

	for dec := jsontext.NewDecoder(bytes.NewReader(body)); ; {
		token, err := dec.ReadToken()
		if err == io.EOF && dec.InputOffset() > 0 {
			break
		}
		if err != nil {
			return invalidJSON(err)
		}
		if token.Kind() == 'n' {
			return fault(TypeError, "Input should not be null", dec.StackPointer())
		}
	}

	err := json.Unmarshal(body, into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}

	wrong, ok := errors.AsType[*json.SemanticError](err)
	switch {
	case !ok: // two values, say
		return invalidJSON(err)
	case errors.Is(wrong.Err, json.ErrUnknownName):
		return fault(ExtraForbidden, "Extra inputs are not permitted", wrong.JSONPointer)
	}

	want := map[reflect.Kind]string{
		reflect.String: "a string", reflect.Struct: "an object", reflect.Map: "an object", reflect.Slice: "an array",
	}[wrong.GoType.Kind()]
	return fault(TypeError, "Input should be "+want, wrong.JSONPointer)
}

func invalidJSON(err error) *Fault {
	return new(NewBodyFault(JSONInvalid, "JSON decode error: "+strings.TrimPrefix(err.Error(), "jsontext: ")))
}

// valueAt returns the part of a JSON text that a pointer (RFC 6901) names.
func valueAt(v jsontext.Value, at jsontext.Pointer) jsontext.Value {
	for token := range at.Tokens() {
		var members map[string]jsontext.Value
		var elements []jsontext.Value
		if json.Unmarshal(v, &members) == nil {
			v = members[token]
		} else if i, err := strconv.Atoi(token); err == nil && json.Unmarshal(v, &elements) == nil && i < len(elements) {
			v = elements[i]
		}
	}
	return v
}
