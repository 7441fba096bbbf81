#ifndef CCATALOGUE_H
#define CCATALOGUE_H

#include <stddef.h>

/* The catalogue (profiles/) in its compiled form; made by `make catalogue`, see Sources/FirnCatalogue. */
extern const unsigned char firn_catalogue[];
extern const size_t firn_catalogue_size;

#endif
