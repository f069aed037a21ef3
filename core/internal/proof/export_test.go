package proof

var Matches = matches
