package rawjson

import (
	"bytes"
	"iter"
)

// Members yields the members of an object as they are encoded: the name, with its
// quotes, and the value. The text must be valid and compact, as [Parse] and
// [Compact] return it: not validating it again makes comparing all versions of
// all files cheap. Of any other value it yields nothing.
func Members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		if len(object) < 2 || object[0] != '{' {
			return
		}
		for rest := object[1:]; len(rest) > 1; {
			name := valueEnd(rest)
			value := rest[name+1:] // after the colon
			end := valueEnd(value)
			if !yield(rest[:name:name], value[:end:end]) {
				return
			}
			rest = value[end+1:] // after the comma or the brace
		}
	}
}

// Elements yields the elements of a compact array, as [Members] does the members
// of an object.
func Elements(array []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		if len(array) < 2 || array[0] != '[' {
			return
		}
		for rest := array[1:]; len(rest) > 1; {
			end := valueEnd(rest)
			if !yield(rest[:end:end]) {
				return
			}
			rest = rest[end+1:]
		}
	}
}

// valueEnd returns the length of the value that a compact, valid text starts with.
func valueEnd(text []byte) int {
	switch text[0] {
	case '"':
		return stringEnd(text)
	case '{', '[':
		return bracketsEnd(text)
	}

	for i, c := range text {
		if c == ',' || c == ']' || c == '}' {
			return i
		}
	}

	return len(text)
}

// bracketsEnd returns the length of the object or array that a valid text starts
// with.
func bracketsEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += stringEnd(text[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}

	return len(text)
}

// stringEnd returns the length of the string that a valid text starts with.
func stringEnd(text []byte) int {
	for i := 1; i < len(text); {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			break
		}

		// A quote ends the string unless an odd number of backslashes precedes it.
		i += n
		escapes := 0
		for text[i-1-escapes] == '\\' {
			escapes++
		}

		if i++; escapes%2 == 0 {
			return i
		}
	}
	return len(text)
}
