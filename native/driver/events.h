// Events, as the context that owns them sees them.
#pragma once

namespace sim {

void drop_events();

}
