// Process control calls that Swift's Glibc lacks.
#pragma once
