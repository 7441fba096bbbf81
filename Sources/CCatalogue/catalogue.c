#include "CCatalogue.h"

static const unsigned char catalogue[] = "";

const unsigned char *firn_catalogue_bytes(void) { return catalogue; }
size_t firn_catalogue_size(void) { return sizeof catalogue - 1; }
