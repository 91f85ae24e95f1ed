// Package cache keeps results for some time, the most recently used ones, up to a
// number of them and a total size.
package cache

import (
	"container/list"
	"sync"
	"time"
)

// Cache may be used by many goroutines.
type Cache[K comparable, V any] struct {
	maxEntries, maxSize int

	mu      sync.Mutex
	entries map[K]*list.Element
	recent  *list.List // of *entry[K, V], the last used in front
	size    int
}

type entry[K comparable, V any] struct {
	key     K
	value   V
	size    int
	expires time.Time
}

// New makes a Cache with its limits.
func New[K comparable, V any](maxEntries, maxSize int) *Cache[K, V] {
	return &Cache[K, V]{
		maxEntries: maxEntries, maxSize: maxSize, entries: map[K]*list.Element{}, recent: list.New(),
	}
}

// Get returns a result that has not expired.
func (c *Cache[K, V]) Get(key K, now time.Time) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()

	e, ok := c.entries[key]
	if !ok {
		return value, false
	}

	kept := e.Value.(*entry[K, V])
	if !now.Before(kept.expires) {
		c.remove(e)
		return value, false
	}

	c.recent.MoveToFront(e)
	return kept.value, true
}

// Put keeps a result until it expires. One of more than half of the total size is
// not kept: it would drive out all others.
func (c *Cache[K, V]) Put(key K, value V, size int, expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()

	if e, ok := c.entries[key]; ok {
		c.remove(e)
	}

	if size > c.maxSize/2 {
		return
	}

	c.entries[key] = c.recent.PushFront(&entry[K, V]{key: key, value: value, size: size, expires: expires})
	c.size += size
	for len(c.entries) > c.maxEntries || c.size > c.maxSize {
		c.remove(c.recent.Back())
	}
}

// Len is how many results there are, expired ones among them.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

func (c *Cache[K, V]) remove(e *list.Element) {
	gone := c.recent.Remove(e).(*entry[K, V])
	delete(c.entries, gone.key)
	c.size -= gone.size
}
