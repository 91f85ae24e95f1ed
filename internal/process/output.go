package process

import "bytes"

// Capped is a writer that keeps the beginning of what is written to it.
type Capped struct {
	bytes.Buffer
	Left int // how many more bytes are kept; below 0 where some were dropped
}

func (c *Capped) Write(p []byte) (int, error) {
	c.Buffer.Write(p[:min(len(p), max(c.Left, 0))])
	c.Left -= len(p)
	return len(p), nil
}
