// The scopes of PTX as those within which an access is strong.
#pragma once
#include "machine/order/access_record.h"
#include "machine/order/order.h"

namespace sim {

inline Strength strength_of(Scope scope) {
  switch (scope) {
    case Scope::BLOCK: return Strength::BLOCK;
    case Scope::CLUSTER: return Strength::CLUSTER;
    default: return Strength::GPU;
  }
}

}
