// The national holiday data this build ships (deploy/sample/data/holidays.json), compiled in.
#ifndef BAIMI_SERVICES_TICKET_HOLIDAYS_H_
#define BAIMI_SERVICES_TICKET_HOLIDAYS_H_

namespace baimi::ticket {

extern const char kHolidaysJson[];

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_HOLIDAYS_H_
