# SPDX-License-Identifier: MPL-2.0
"""A milter in Python (pymilter) that does nothing: what a mail administrator writes first. usage: py_milter.py SOCKET"""
import os
import sys

import Milter

os.umask(0)
Milter.factory = Milter.Base
Milter.runmilter("nothing", sys.argv[1], 240)
