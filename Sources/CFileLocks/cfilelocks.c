#include "cfilelocks.h"
