#ifndef CCATALOGUE_H
#define CCATALOGUE_H

#include <stddef.h>

/* The catalogue (profiles/) in its compiled form; made by `make catalogue`, see Sources/FirnCatalogue. */
const unsigned char *firn_catalogue_bytes(void);
size_t firn_catalogue_size(void);

#endif
