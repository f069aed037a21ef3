package frameworks

import (
	"context"

	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/jwtmw/jwtmw/core"
)

// Health is gRPC's health service behind GRPC: any valid token may List, and
// the scope health:read is needed to Check and to Watch.
type Health struct{ *health.Server }

// Check asks for the scope before anything else.
func (h Health) Check(ctx context.Context, r *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if err := core.Require(ctx, core.Scope("health:read")); err != nil {
		return nil, err
	}
	return h.Server.Check(ctx, r)
}

// Watch asks for the scope before anything else.
func (h Health) Watch(r *grpc_health_v1.HealthCheckRequest, s grpc_health_v1.Health_WatchServer) error {
	if err := core.Require(s.Context(), core.Scope("health:read")); err != nil {
		return err
	}
	return h.Server.Watch(r, s)
}
