// What a released context takes with it of the libraries that stand on the driver.
#pragma once

namespace sim {

void drop_cublas();
void drop_cudnn();

}
