package core

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ConfigFromEnv reads a Config from the environment, from the variables whose
// names begin with prefix and an underscore:
//
//	JWT_ISSUER         Issuer
//	JWT_AUDIENCE       Audiences, separated by commas
//	JWT_CLIENTS        Clients, separated by commas
//	JWT_ALGORITHMS     Algorithms, separated by commas
//	JWT_PROFILE        Profile
//	JWT_TYPES          Types, separated by commas; the word absent for none
//	JWT_LEEWAY         Leeway, such as 10s; 0s for NoLeeway
//	JWT_MAX_AGE        MaxAge, such as 1h
//	JWT_TOKEN_CACHE    TokenCache
//	JWT_DISCOVERY_URL  Keys: Discovery of that URL
//	JWT_JWKS_URL       Keys: JWKS of that URL
//	JWT_JWKS_FILE      Keys: JWKSFile of that path
//	JWT_PEM_FILE       Keys: PEM, read from that path
//	JWT_SECRET_FILE    Keys: Secret, read from that path; or Secrets, from up
//	                   to four paths separated by commas, the newest first
//
//	JWT_INTROSPECTION_CLIENT_ID    Introspection.ClientID
//	JWT_INTROSPECTION_SECRET_FILE  Introspection.Secret, read from that path
//	JWT_INTROSPECTION_URL          Introspection.URL
//	JWT_INTROSPECTION_MAX_AGE      Introspection.MaxAge, such as 10s
//
// At most one of the five above them may be set. With one of the last four Keys is
// an Introspection, and the five are about the JWTs of that issuer. A secret is the file's octets as they
// are, less one line ending (LF or CR LF) at the very end, which editors and
// shells add. There is no variable for a secret itself: environments are
// inherited, listed and logged.
//
// The error names every mistake at once: a value that cannot be read, a variable
// that is set and empty, and any other name with the prefix, since that is a
// misspelt one more often than not. What the values mean together is for New to
// judge; fields without a variable are set in code.
func ConfigFromEnv(prefix string) (Config, error) {
	prefix = strings.TrimSuffix(prefix, "_")
	if prefix == "" {
		return Config{}, errors.New("jwtmw: ConfigFromEnv: got no prefix, want one that only this Config's variables have")
	}
	var config envConfig
	var errs []error
	entries := os.Environ()
	slices.Sort(entries) // the environment's order is no one's, and the error's should be the same each time
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry, "=")
		suffix, ours := strings.CutPrefix(name, prefix+"_")
		if !ours {
			continue
		}
		if err := config.set(suffix, value); err != nil {
			errs = append(errs, fmt.Errorf("jwtmw: environment variable %s: %w", quote(name), err))
		}
	}
	if len(errs) > 0 {
		return Config{}, errors.Join(errs...)
	}
	if config.asks {
		config.asked.Keys = config.Keys
		config.Keys = config.asked
	}
	return config.Config, nil
}

// envConfig is a Config on its way out of the environment.
type envConfig struct {
	Config
	asked Introspection
	asks  bool // a variable of asked is set
}

// set takes one variable. Its errors quote no value of a name that is not
// known, which may be a secret.
func (c *envConfig) set(suffix, value string) (err error) {
	if value == "" {
		return errors.New("is set and empty, want a value, or not to be set")
	}
	if name, ours := strings.CutPrefix(suffix, "INTROSPECTION_"); ours {
		return c.setIntrospection(name, value)
	}
	switch suffix {
	case "ISSUER":
		c.Issuer = value
	case "AUDIENCE":
		c.Audiences, err = commaList(value)
	case "CLIENTS":
		c.Clients, err = commaList(value)
	case "ALGORITHMS":
		c.Algorithms, err = algorithmList(value)
	case "PROFILE":
		c.Profile = Profile(value)
	case "TYPES":
		c.Types, err = typeList(value)
	case "LEEWAY":
		// Who writes 0s wants none; in a Config the zero value is the default.
		if c.Leeway, err = duration(value); err == nil && c.Leeway == 0 {
			c.Leeway = NoLeeway
		}
	case "MAX_AGE":
		if c.MaxAge, err = duration(value); err == nil && c.MaxAge == 0 {
			err = errors.New("got 0, which would be no limit: want a positive duration, or the variable not to be set")
		}
	case "TOKEN_CACHE":
		if c.TokenCache, err = strconv.Atoi(value); err != nil {
			err = fmt.Errorf("got %s, want a count", quote(value))
		}
	case "DISCOVERY_URL":
		err = c.setKeys(Discovery{URL: value})
	case "JWKS_URL":
		err = c.setKeys(JWKS{URL: value})
	case "JWKS_FILE":
		err = c.setKeys(JWKSFile(value))
	case "PEM_FILE":
		var text []byte
		text, err = os.ReadFile(value)
		err = errors.Join(err, c.setKeys(PEM(text)))
	case "SECRET_FILE":
		var secrets Secrets
		secrets, err = readSecrets(value)
		if len(secrets) == 1 {
			return errors.Join(err, c.setKeys(secrets[0]))
		}
		err = errors.Join(err, c.setKeys(secrets))
	default:
		err = errNoVariable
	}
	return err
}

func (c *envConfig) setIntrospection(name, value string) (err error) {
	c.asks = true
	switch name {
	case "CLIENT_ID":
		c.asked.ClientID = value
	case "SECRET_FILE":
		c.asked.Secret, err = readSecret(value)
	case "URL":
		c.asked.URL = value
	case "MAX_AGE":
		c.asked.MaxAge, err = duration(value)
	default:
		err = errNoVariable
	}
	return err
}

func (c *envConfig) setKeys(source KeySource) error {
	if c.Keys != nil {
		return fmt.Errorf("is a second source of keys (%T) beside a %T, want one", source, c.Keys)
	}
	c.Keys = source
	return nil
}

// readSecrets, like readSecret, quotes no path in its errors: who pasted a secret where its file
// belongs would find it in the log.
func readSecrets(paths string) (Secrets, error) {
	list, err := commaList(paths)
	if err != nil {
		return nil, errors.New("got an empty element between the commas, want paths of files")
	}
	var secrets Secrets
	for i, path := range list {
		secret, err := readSecret(path)
		if err != nil {
			return nil, fmt.Errorf("file number %d: %w", i+1, err)
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

func readSecret(path string) (Secret, error) {
	text, err := os.ReadFile(path)
	if failure, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("the file that it names cannot be read (%s)", failure.Err)
	}
	if err != nil {
		return nil, err
	}
	return withoutLineEnding(text), nil
}

var errNoVariable = errors.New("no such variable is known")

func withoutLineEnding(text []byte) []byte {
	line, ended := bytes.CutSuffix(text, []byte("\n"))
	if !ended {
		return text
	}
	return bytes.TrimSuffix(line, []byte("\r"))
}

// commaList leaves white space around an element out.
func commaList(value string) ([]string, error) {
	list := strings.Split(value, ",")
	for i, element := range list {
		if list[i] = strings.TrimSpace(element); list[i] == "" {
			return nil, fmt.Errorf("got %s, want no empty element between the commas", quote(value))
		}
	}
	return list, nil
}

func algorithmList(value string) ([]Algorithm, error) {
	list, err := commaList(value)
	algorithms := make([]Algorithm, len(list))
	for i, name := range list {
		algorithms[i] = Algorithm(name)
	}
	return algorithms, err
}

func typeList(value string) ([]string, error) {
	types, err := commaList(value)
	for i, typ := range types {
		if typ == "absent" {
			types[i] = ""
		}
	}
	return types, err
}

// duration refuses a negative one here, because NoLeeway is one.
func duration(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("got %s, want a duration such as 30s", quote(value))
	}
	return d, nil
}
