#include "base/bytes.h"
int main(void)
{
    return 0;
}
