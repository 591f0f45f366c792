// Places as a search index may know them: cells of about 100 m, not points, since a point tells
// where somebody lives. Pure functions.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_CELLS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_CELLS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "baimi/type/v1/types.pb.h"

namespace baimi::ticket::domain {

// On a sphere of 6,371,010 m.
double Metres(const type::v1::GeoPoint& a, const type::v1::GeoPoint& b);

// The cell that holds the point: a thousandth of a degree each way, so 111 m from south to north
// and 105 m from west to east in the south of Hainan. Cells of one row are numbers side by side,
// from west to east. The point must be on the globe.
int64_t CellOf(const type::v1::GeoPoint& point);

// Whole metres from the point to the middle of the cell.
int64_t MetresToCell(const type::v1::GeoPoint& point, int64_t cell);

// Ranges of cells, first and last, one a row, that hold every cell with MetresToCell of at most
// `metres`, and some more. Cut at the poles and at 180 degrees.
std::vector<std::pair<int64_t, int64_t>> CellsAround(const type::v1::GeoPoint& point,
                                                     double metres);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_CELLS_H_
