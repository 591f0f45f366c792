#include "common/geo/polygon_index.h"

// GCC 12 takes Abseil's InlinedVector, moved from empty inside S2's query, for uninitialised.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <s2/mutable_s2shape_index.h>
#include <s2/s2closest_edge_query.h>
#include <s2/s2contains_point_query.h>
#include <s2/s2earth.h>
#include <s2/s2latlng_rect.h>
#include <s2/s2lax_polygon_shape.h>
#include <s2/s2polygon.h>

#include <algorithm>
#include <utility>

#include "common/geo/s2_point.h"

namespace baimi::geo {

struct PolygonIndex::Data {
  // By ascending id; a shape's id is the position of its entry.
  std::vector<IndexEntry> entries;
  std::vector<S2LatLngRect> bounds;
  MutableS2ShapeIndex shapes;
};

namespace {

// Of all that are as close as the closest, the first entry.
std::optional<std::pair<size_t, S1ChordAngle>> Closest(const MutableS2ShapeIndex& shapes,
                                                       const S2Point& point, double max_metres) {
  S2ClosestEdgeQuery query(&shapes);
  query.mutable_options()->set_inclusive_max_distance(S2Earth::MetersToChordAngle(max_metres));
  S2ClosestEdgeQuery::PointTarget target(point);
  const S2ClosestEdgeQuery::Result closest = query.FindClosestEdge(&target);
  if (closest.is_empty()) {
    return std::nullopt;
  }
  query.mutable_options()->set_inclusive_max_distance(closest.distance());
  int first = closest.shape_id();
  for (const S2ClosestEdgeQuery::Result& equal : query.FindClosestEdges(&target)) {
    first = std::min(first, equal.shape_id());
  }
  return std::make_pair(static_cast<size_t>(first), closest.distance());
}

}  // namespace

PolygonIndex::PolygonIndex() : PolygonIndex(std::vector<IndexEntry>()) {}

PolygonIndex::PolygonIndex(std::vector<IndexEntry> entries) {
  auto data = std::make_shared<Data>();
  data->entries = std::move(entries);
  std::stable_sort(data->entries.begin(), data->entries.end(),
                   [](const IndexEntry& a, const IndexEntry& b) { return a.id < b.id; });
  for (const IndexEntry& entry : data->entries) {
    data->bounds.push_back(entry.polygon.s2().GetRectBound());
    data->shapes.Add(std::make_unique<S2LaxPolygonShape>(entry.polygon.s2()));
  }
  data->shapes.ForceBuild();
  data_ = std::move(data);
}

size_t PolygonIndex::size() const { return data_->entries.size(); }

std::vector<std::string> PolygonIndex::Contains(const type::v1::GeoPoint& point) const {
  std::vector<std::string> ids;
  if (!CheckPoint("", point).ok()) {
    return ids;
  }
  // The query is not thread-safe, and cheap to make; it visits shapes by ascending id.
  S2ContainsPointQuery<MutableS2ShapeIndex> query(&data_->shapes);
  query.VisitContainingShapes(ToS2(point), [&](const S2Shape* shape) {
    const std::string& id = data_->entries[static_cast<size_t>(shape->id())].id;
    if (ids.empty() || ids.back() != id) {
      ids.push_back(id);
    }
    return true;
  });
  return ids;
}

std::optional<Near> PolygonIndex::Nearest(const type::v1::GeoPoint& point,
                                          double max_metres) const {
  if (!CheckPoint("", point).ok() || !(max_metres >= 0)) {
    return std::nullopt;
  }
  const auto closest = Closest(data_->shapes, ToS2(point), max_metres);
  if (!closest) {
    return std::nullopt;
  }
  return Near{data_->entries[closest->first].id, S2Earth::ToMeters(closest->second)};
}

std::vector<OverlapFinding> PolygonIndex::Overlaps(absl::string_view id, const Polygon& polygon,
                                                   double min_share) const {
  std::vector<OverlapFinding> findings;
  const S2LatLngRect bound = polygon.s2().GetRectBound();
  for (size_t i = 0; i < data_->entries.size(); ++i) {
    const IndexEntry& other = data_->entries[i];
    if (other.id == id || !data_->bounds[i].Intersects(bound)) {
      continue;
    }
    const Overlap overlap = OverlapOf(polygon, other.polygon);
    if (overlap.square_metres > 0 && overlap.share >= min_share) {
      findings.push_back({other.id, overlap});
    }
  }
  return findings;
}

}  // namespace baimi::geo
