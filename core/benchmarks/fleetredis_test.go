package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core/redisstore"
)

// memoryRedis is as much of a Redis as the key store of a fleet asks for, a
// millisecond away.
type memoryRedis struct {
	mu     sync.Mutex // guards values
	values map[string]memoryValue
}

type memoryValue struct {
	text string
	ends time.Time
}

func newMemoryRedis() redisstore.Redis {
	return (&memoryRedis{values: map[string]memoryValue{}}).do
}

func (m *memoryRedis) do(ctx context.Context, args ...any) (any, error) {
	select {
	case <-time.After(time.Millisecond):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	words := make([]string, len(args))
	for n, arg := range args {
		words[n], _ = arg.(string)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	value, there := m.values[words[1]]
	there = there && time.Now().Before(value.ends)
	switch words[0] {
	case "GET":
		if !there {
			return nil, nil
		}
		return value.text, nil
	case "DEL":
		delete(m.values, words[1])
		return int64(1), nil
	case "SET":
		return m.set(words, there)
	}
	return nil, fmt.Errorf("got command %q, want GET, SET or DEL", words[0])
}

// set is SET key value [NX] PX milliseconds.
func (m *memoryRedis) set(words []string, there bool) (any, error) {
	if words[3] == "NX" && there {
		return nil, nil
	}
	ms, err := strconv.Atoi(words[len(words)-1])
	if err != nil {
		return nil, err
	}
	m.values[words[1]] = memoryValue{words[2], time.Now().Add(time.Duration(ms) * time.Millisecond)}
	return "OK", nil
}
