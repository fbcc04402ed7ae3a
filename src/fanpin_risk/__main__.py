import sys

from fanpin_risk.cli import main

if __name__ == "__main__":
    sys.exit(main())
