package oteltrace

import "sync"

// other stands in for every value beyond a bound, as the semantic conventions
// have it.
const other = "_OTHER"

// vocabulary bounds the values of an attribute: the first max that come are kept
// apart.
type vocabulary struct {
	max   int
	mu    sync.RWMutex // guards words
	words map[string]bool
}

func newVocabulary(max int) *vocabulary {
	return &vocabulary{max: max, words: make(map[string]bool)}
}

// word returns s and true, or other and false.
func (v *vocabulary) word(s string) (string, bool) {
	v.mu.RLock()
	known, full := v.words[s], len(v.words) >= v.max
	v.mu.RUnlock()
	switch {
	case known:
		return s, true
	case full:
		return other, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.words[s] && len(v.words) >= v.max {
		return other, false
	}
	v.words[s] = true
	return s, true
}
