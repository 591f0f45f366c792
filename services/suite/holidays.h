// The national holiday data this build ships (deploy/sample/data/holidays.json), compiled in.
#ifndef BAIMI_SERVICES_SUITE_HOLIDAYS_H_
#define BAIMI_SERVICES_SUITE_HOLIDAYS_H_

namespace baimi::suite {

extern const char kHolidaysJson[];

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_HOLIDAYS_H_
