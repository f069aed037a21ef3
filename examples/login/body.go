package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// maxBody is far more than a name, a password and a token need.
const maxBody = 4 << 10

// read takes a JSON object, and answers what is none. A form, which another site's
// page could send without being asked, is none.
func read(c *gin.Context, v any) bool {
	if c.ContentType() != "application/json" {
		fail(c, http.StatusUnsupportedMediaType, "want_json")
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if err == nil {
		if _, err = decoder.Token(); err == io.EOF { // nothing follows
			return true
		}
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		fail(c, http.StatusRequestEntityTooLarge, "too_large")
		return false
	}
	fail(c, http.StatusBadRequest, "invalid_request")
	return false
}

func readRefreshToken(c *gin.Context) (string, bool) {
	var body struct {
		RefreshToken string `json:"refresh_token"`
	}
	if !read(c, &body) {
		return "", false
	}
	if body.RefreshToken == "" {
		fail(c, http.StatusBadRequest, "invalid_request")
		return "", false
	}
	return body.RefreshToken, true
}

// grant answers with tokens, which no cache may keep (RFC 6749 section 5.1).
func grant(c *gin.Context, a answer) {
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, a)
}

func fail(c *gin.Context, status int, code string) {
	c.Header("Cache-Control", "no-store")
	c.AbortWithStatusJSON(status, gin.H{"error": code})
}
