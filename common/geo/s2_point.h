// Private to the sources of common/geo, which include S2.
#ifndef BAIMI_COMMON_GEO_S2_POINT_H_
#define BAIMI_COMMON_GEO_S2_POINT_H_

#include <s2/s2latlng.h>
#include <s2/s2point.h>

#include "baimi/type/v1/types.pb.h"

namespace baimi::geo {

inline S2Point ToS2(const type::v1::GeoPoint& point) {
  return S2LatLng::FromDegrees(point.latitude(), point.longitude()).ToPoint();
}

}  // namespace baimi::geo

#endif  // BAIMI_COMMON_GEO_S2_POINT_H_
