#include "cprocesscontrol.h"
