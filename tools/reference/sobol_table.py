"""Writes Sources/Numerics/SobolTable.swift from the direction numbers that SciPy carries.

    python3 tools/reference/sobol_table.py > Sources/Numerics/SobolTable.swift

The numbers are those of new-joe-kuo-6.21201 by Stephen Joe and Frances Kuo. Needs scipy.
"""

import os

import numpy
import scipy.stats

LICENCE = """
Copyright (c) 2008, Frances Y. Kuo and Stephen Joe
All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met:

  * Redistributions of source code must retain the above copyright notice, this list of
    conditions and the following disclaimer.
  * Redistributions in binary form must reproduce the above copyright notice, this list of
    conditions and the following disclaimer in the documentation and/or other materials provided
    with the distribution.
  * Neither the names of the copyright holders nor the names of the University of New South
    Wales and the University of Waikato and its contributors may be used to endorse or promote
    products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A
PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDERS BE LIABLE FOR ANY
DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT
LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR
BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT
LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""

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
print("// Source: S. Joe and F. Y. Kuo, new-joe-kuo-6.21201, https://web.maths.unsw.edu.au/~fkuo/sobol")
print("//")
for text in LICENCE.strip().splitlines():
    print(f"// {text}".rstrip())
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
