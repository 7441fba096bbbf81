#include "CCatalogue.h"

const unsigned char firn_catalogue[] = "";
const size_t firn_catalogue_size = 0;
