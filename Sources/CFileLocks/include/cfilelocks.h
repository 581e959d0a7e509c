// File locks and other calls that Swift's Glibc lacks.
#pragma once
