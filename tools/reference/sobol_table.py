"""Writes Sources/Numerics/SobolTable.swift from the direction numbers that SciPy carries.

    python3 tools/reference/sobol_table.py > Sources/Numerics/SobolTable.swift

The numbers are those of new-joe-kuo-6.21201 by Stephen Joe and Frances Kuo. Needs scipy.
"""

import os

import numpy
import scipy.stats

COUNT = 256
path = os.path.join(os.path.dirname(scipy.stats.__file__), "_sobol_direction_numbers.npz")
table = numpy.load(path)
polynomials, initial = table["poly"], table["vinit"]

numbers = []
for dimension in range(1, COUNT):
    polynomial = int(polynomials[dimension])
    degree = polynomial.bit_length() - 1
    numbers += [polynomial] + [int(m) for m in initial[dimension][:degree]]

print("// swift-format-ignore-file")
print("// Direction numbers of Sobol's sequence, written by tools/reference/sobol_table.py.")
print("// Per dimension, from the second: a primitive polynomial over GF(2) as bits, then as many")
print("// initial numbers as it has degrees.")
print("//")
print("// Source: S. Joe and F. Y. Kuo, new-joe-kuo-6.21201 (2008). Copyright (c) 2008, Frances Y.")
print("// Kuo and Stephen Joe; free to use and distribute with this notice (BSD-style licence).")
print()
print(f"let sobolDimensionCount = {COUNT}")
print()
print("let sobolTable: [UInt16] = [")
line = " "
for number in numbers:
    if len(line) + len(str(number)) + 2 > 98:
        print(line)
        line = " "
    line += f" {number},"
print(line)
print("]")
