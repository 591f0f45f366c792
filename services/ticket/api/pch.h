// Precompiled for what stores and serves orders, and for its tests. Files still include what they
// use.
#pragma once

#include "common/base/call.h"
#include "common/base/error.h"
#include "common/cache/read_through.h"
#include "common/calendar/calendar.h"
#include "common/journal/feed.h"
#include "common/journal/writer.h"
#include "common/privacy/vault.h"
#include "common/resource/page.h"
#include "common/rpc/service.h"
#include "common/sql/database.h"
#include "services/ticket/domain/pch.h"
