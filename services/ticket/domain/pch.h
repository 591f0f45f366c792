// Precompiled for the rooms of the ticket service that know nothing but messages. Files still
// include what they use.
#pragma once

#include "baimi/registry/v1/registry_service.pb.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "cmake/pch.h"
